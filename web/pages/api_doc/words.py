"""What the document of the API says, in Vietnamese, by its English words.

Not in the catalogue: its words are those of the schemas, which programs read in English.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # What each route does.
    "Units of today, by id": "Các đơn vị hiện nay, theo mã",
    "A unit": "Một đơn vị",
    "Sites, by id": "Các điểm cầu, theo mã",
    "A site": "Một điểm cầu",
    "Meetings that the token's unit hosts or is invited to, or one below it, by their start": (
        "Các cuộc họp mà đơn vị của mã truy cập, hoặc đơn vị trực thuộc, chủ trì hay được mời,"
        " theo giờ bắt đầu"
    ),
    "A new meeting": "Lập cuộc họp mới",
    "A meeting": "Một cuộc họp",
    "What is named of a meeting is changed, as by its form": (
        "Sửa những mục được gửi của cuộc họp, theo quy tắc của biểu mẫu"
    ),
    "Who came, from when to when, and who did not": "Ai đã vào họp, từ lúc nào đến lúc nào; ai vắng",
    "What sites answered: of a host's officers all, of others those of their own units": (
        "Các điểm cầu trả lời gì: đơn vị chủ trì thấy tất cả, đơn vị khác thấy phần của mình"
    ),
    "Whether sites' links open": "Liên kết vào họp của các điểm cầu còn mở không",
    "The documents of a meeting that the token may read": "Tài liệu họp mà mã truy cập được đọc",
    "What one site answered": "Một điểm cầu trả lời gì",
    "A site's answer, by itself or on its behalf": "Ghi câu trả lời của điểm cầu, hoặc trả lời thay",
    "More sites are invited": "Mời thêm điểm cầu",
    "Sites are invited no more": "Thôi mời điểm cầu",
    "A meeting is put off": "Dời hoặc hoãn cuộc họp",
    "A meeting is called off": "Hủy cuộc họp",
    "A version of a document; parts of it by Range": (
        "Một phiên bản của tài liệu; tải từng phần bằng Range"
    ),
    # What is sent beside a body.
    "A unit's id: it and those below. Without: all that the token reaches.": (
        "Mã đơn vị: đơn vị đó và các đơn vị trực thuộc. Bỏ trống: mọi đơn vị trong phạm vi của mã"
        " truy cập."
    ),
    "How many at most; without: 50.": "Nhiều nhất bao nhiêu dòng; bỏ trống: 50.",
    "The `next` of the page before, with all else as it was asked there.": (
        "Giá trị `next` của trang trước, các tham số khác giữ nguyên."
    ),
    "The first day; without: today.": "Ngày đầu; bỏ trống: hôm nay.",
    "The last day; without: 31 days in all.": "Ngày cuối; bỏ trống: tổng cộng 31 ngày.",
    "Those of this status alone.": "Chỉ những cuộc họp ở trạng thái này.",
    "Of the caller's choice, such as a UUID: for 24 hours the act is done once under it, and its"
    " answer given again. With other content: 422.": (
        "Do phần mềm gọi tự chọn, ví dụ một UUID: trong 24 giờ, thao tác chỉ được thực hiện một lần"
        " và câu trả lời được gửi lại. Nội dung khác với cùng khóa: 422."
    ),
    "The ETag of what was looked at; * for whatever it is. 412 where it has changed since.": (
        "ETag của nội dung vừa đọc; * là bất kể nội dung nào. Đã thay đổi từ lúc đọc: 412."
    ),
    "At most 524288 bytes, not compressed.": "Nhiều nhất 524288 byte, không nén.",
    # Answers.
    "A page.": "Một trang.",
    "As it stands today.": "Như hiện nay.",
    "As it is.": "Như hiện có.",
    "As it stands.": "Như hiện có.",
    "As it stands now.": "Như vừa được ghi.",
    "Nothing has changed since the If-None-Match that was sent.": (
        "Không có gì thay đổi so với If-None-Match đã gửi."
    ),
    "It is scheduled.": "Đã lên lịch.",
    "Of each site one line.": "Mỗi điểm cầu một dòng.",
    "The answers.": "Các câu trả lời.",
    "The documents.": "Các tài liệu.",
    "Its answer.": "Câu trả lời.",
    "The file.": "Cả tệp.",
    "A part.": "Một phần của tệp.",
    "Bad Request": "Nội dung gửi lên sai; `errors` chỉ rõ chỗ nào",
    "Unauthorized": "Mã truy cập sai, đã hết hạn hoặc bị thu hồi",
    "Forbidden": "Mã truy cập không có quyền này",
    "Not Found": "Không có, hoặc ngoài phạm vi của mã truy cập",
    "Conflict": "Trùng lịch, hoặc không còn sửa được",
    "Precondition Failed": "Đã thay đổi từ lúc đọc",
    "Precondition Required": "Thiếu If-Match",
    "Request Entity Too Large": "Nội dung quá lớn",
    "Unsupported Media Type": "Nội dung không phải JSON, hoặc bị nén",
    "Requested Range Not Satisfiable": "Tệp không có phần này",
    "Unprocessable Entity": "Khóa Idempotency-Key đã dùng cho yêu cầu khác",
    "Too Many Requests": "Quá nhiều yêu cầu; thử lại sau Retry-After giây",
    "Internal Server Error": "Máy chủ gặp lỗi",
    "Service Unavailable": "Máy chủ đang bận; thử lại sau Retry-After giây",
    # What stands in bodies.
    "`next`: the cursor of the next page; null: this is the last.": (
        "`next`: con trỏ đến trang sau; null: đây là trang cuối."
    ),
    "As it stands today. `parent_id`: null at the top; `code`: of statistics (GSO); `valid_from`:"
    " null: it always was.": (
        "Như hiện nay. `parent_id`: null ở cấp cao nhất; `code`: mã của cơ quan thống kê;"
        " `valid_from`: null: từ trước đến nay."
    ),
    "`next` as of units.": "`next` như của đơn vị.",
    "`active`: whether it is in use.": "`active`: còn được dùng không.",
    "Times are UTC. `status_reason`: why it was postponed or cancelled.": (
        "Giờ là UTC. `status_reason`: lý do hoãn hoặc hủy."
    ),
    "`site_ids`: who is invited, in order. `sittings`: from when to when it is held.": (
        "`site_ids`: các điểm cầu được mời, theo thứ tự. `sittings`: các phiên họp, từ lúc nào đến"
        " lúc nào."
    ),
    "`duration_min`: null: not said.": "`duration_min`: số phút; null: không ghi.",
    "`joined_at`: null: it did not come; `left_at`: null: it is in the room, or did not come."
    " `stays`: how often it came.": (
        "`joined_at`: null: không vào họp; `left_at`: null: đang trong phòng, hoặc không vào họp."
        " `stays`: số lần vào."
    ),
    "`standing`: again: it answered for another time; `answered_at`: null: it is silent.": (
        "`standing`: again: đã trả lời cho giờ khác; `answered_at`: null: chưa trả lời."
    ),
    "`reason`: why it is a substitute.": "`reason`: lý do cử người dự thay.",
    "`state`: of its latest link; none: it has none yet. The link itself is not told.": (
        "`state`: của liên kết mới nhất; none: chưa có. Không cho biết chính liên kết."
    ),
    "The latest version last.": "Phiên bản mới nhất ở cuối.",
    "`sha256`: of its bytes, in hexadecimal digits.": "`sha256`: của nội dung tệp, viết hệ 16.",
    "`item_ids`: of the agenda, in which it takes part; null: in all. `has_documents`: they"
    " arrived. `version`: 0: it is silent.": (
        "`item_ids`: các mục chương trình điểm cầu tham gia; null: tất cả. `has_documents`: đã nhận"
        " tài liệu. `version`: 0: chưa trả lời."
    ),
    "`advice`: what else must be seen, as that the time has passed. `seal`: for `override.seal` of"
    " the same question, sent again; empty: there is nothing to override.": (
        "`advice`: điều khác cần xem, ví dụ giờ họp đã qua. `seal`: đặt vào `override.seal` khi gửi"
        " lại cùng yêu cầu; trống: không có gì để bỏ qua."
    ),
    "`pointer`: to where it stands, or is missing, in what was sent (RFC 6901).": (
        "`pointer`: chỗ sai, hoặc thiếu, trong nội dung đã gửi (RFC 6901)."
    ),
    "A meeting, or a time that is blocked, which holds somebody. `meeting_id`: null: one that the"
    " token may not see, or no meeting. `chair`: the person in both chairs; `other`: a room, a"
    " technician or a line, in words.": (
        "Cuộc họp, hoặc lịch chặn, đang giữ ai đó. `meeting_id`: null: cuộc họp ngoài phạm vi của mã"
        " truy cập, hoặc không phải cuộc họp. `chair`: người chủ trì cả hai; `other`: phòng, cán bộ"
        " kỹ thuật hay đường truyền, bằng lời."
    ),
    "In place of what the site said before. `remark`: of who does not come, why.": (
        "Thay cho câu trả lời trước. `remark`: ghi chú; không dự thì nêu lý do."
    ),
    "`sittings`: from when to when it is held, mostly one. `site_ids`: who is invited besides the"
    " chair's site. `answer_by`: null: as is usual.": (
        "`sittings`: các phiên họp, thường là một. `site_ids`: các điểm cầu được mời ngoài điểm cầu"
        " chủ trì. `answer_by`: hạn trả lời; null: như thường lệ."
    ),
    "With an offset from UTC, as of RFC 3339.": (
        "Có độ lệch so với UTC, theo RFC 3339, ví dụ 2026-12-08T08:00:00+07:00."
    ),
    "`id`: of an item that the meeting has, so that what sites said of it stays.": (
        "`id`: của mục đã có, để giữ điều các điểm cầu đã trả lời về mục đó."
    ),
    "The word of who saw what a 409 told: its `seal`, and why it is booked all the same, which"
    " goes on record. Without clashes no reason is needed.": (
        "Xác nhận đã xem điều mà 409 cho biết: `seal` của nó, và lý do vẫn xếp, được ghi vào nhật"
        " ký. Không trùng lịch thì không cần lý do."
    ),
    "As of a new meeting; what is not named stays.": "Như cuộc họp mới; mục không gửi thì giữ nguyên.",
    "Those that are to be invited, or not to be, and are so already stay so.": (
        "Điểm cầu đã được mời, hoặc đã thôi mời, thì giữ nguyên."
    ),
    "`reason`: for the sites to read. Without times it is put off until some are found. Of several"
    " sittings those ahead go along, each as far as the first of them, and `ends_at` says"
    " nothing.": (
        "`reason`: lý do, các điểm cầu đọc được. Không gửi giờ: hoãn đến khi có giờ mới. Họp nhiều"
        " phiên: các phiên còn lại dời theo, bằng mức dời của phiên đầu, và `ends_at` không có"
        " nghĩa."
    ),
    "`reason`: for the sites to read.": "`reason`: lý do, các điểm cầu đọc được.",
    "`detail` says in the caller's language what to mend; `code` is stable. `fields`: the same"
    " for each field of a form that is wrong; `errors`: of a body of JSON.": (
        "`detail` nói cần sửa gì, bằng ngôn ngữ của Accept-Language; `code` không đổi. `errors`:"
        " từng chỗ sai trong nội dung JSON."
    ),
}


def in_vietnamese(text: str) -> str:
    """What the document says; its own words where nobody has translated them."""
    plain = " ".join(text.split())
    return WORDS.get(plain, plain)
