// Package id is who agents are, and what people call them.
//
//	key ─► AgentID ─► Fingerprint, Address ─► Endpoint, as people copy it     Name, Tag
//
// An [Address] is a label and never authenticates: 32 bits can be ground out in minutes. What people copy therefore
// carries a [Fingerprint] as well.
package id
