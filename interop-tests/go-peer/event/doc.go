// Package event is what agents say to each other about events, one to many: topics and patterns, the frames of port 1002,
// and what members of a network broadcast.
//
//	Topic   Pattern ─► Patterns        what an event is about, and what somebody wants to hear
//	Position   Since   Gap             where in the stream of a broker, and what is missing there
//	Request, Told, Publication         the frames of the two kinds of streams to a broker
//	Broadcast ─► MessageID, Window     what goes from member to member, and what was there before
//
// The package is pure: it has no disk, no clock and no network. Times are milliseconds since the Unix epoch.
package event
