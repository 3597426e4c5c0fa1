"""Packets as they stand on the wire: RTP, RTCP, VP8, RED, and bounds on them."""
