"""The one port of all media: sockets, ICE, DTLS, SRTP, by UDP and TCP."""
