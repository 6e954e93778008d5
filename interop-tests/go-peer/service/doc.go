// Package service holds what two agents that trust each other say over a stream: ports, messages, files and runs.
//
// Everything here works on an io.Reader and io.Writer; it opens no stream, touches no disk and sets no deadline. Whoever
// reads a stream sets the deadlines: the functions wait for the peer without one.
//
//	port   protocol               pattern
//	7      /airway/echo/1.0.0     bytes come back until the remote half closes
//	1001   /airway/data/1.0.0     messages, each answered, in order
//	1001   /airway/files/1.0.0    one file a stream, which can go on where another stream ended
//	other  /airway/port/N/1.0.0   raw bytes to whoever listens
//	none   /airway/perf/1.0.0     one run: bytes to the responder, an answer, bytes back
package service
