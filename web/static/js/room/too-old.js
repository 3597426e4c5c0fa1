// Says so where a browser cannot hold a meeting. In the oldest JavaScript there is, and no module:
// the scripts of the room do not even begin there. docs/browsers.md has the same list.
(function () {
  "use strict";
  /** @type {string[]} */
  var missing = [];

  /** @param {string} name @param {unknown} there */
  function need(name, there) {
    if (!there) missing.push(name);
  }

  var connection = window.RTCPeerConnection && window.RTCPeerConnection.prototype;
  var sender = window.RTCRtpSender && window.RTCRtpSender.prototype;
  need("JavaScript modules", "noModule" in document.createElement("script"));
  // As old as private methods of classes, for which nobody can ask.
  need("ES2022", "at" in Array.prototype);
  need("WebSocket", "WebSocket" in window);
  need("WebRTC", connection && "addTransceiver" in connection);
  need("RTCPeerConnection.connectionState", connection && "connectionState" in connection);
  need("RTCRtpSender.replaceTrack", sender && "replaceTrack" in sender);
  need("ResizeObserver", "ResizeObserver" in window);
  need("dialog", "HTMLDialogElement" in window);
  if (!missing.length) return;

  document.documentElement.setAttribute("data-browser", "old");
  var told = document.getElementById("too-old");
  var card = document.getElementById("check-card");
  var names = document.getElementById("too-old-missing");
  if (!told || !card || !names) return;
  told.removeAttribute("hidden");
  card.setAttribute("hidden", "");
  names.textContent = missing.join(", ");
})();
