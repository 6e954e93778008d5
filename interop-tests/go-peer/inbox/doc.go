// Package inbox keeps what other agents have sent: messages in a journal, files beside it.
//
//	HOME/inbox.log                       messages, what is known of files, and ids that were accepted
//	HOME/files/FINGERPRINT/ID/.partial   a file while it comes, and after an attempt that broke
//	HOME/files/FINGERPRINT/ID/NAME       a file once all of it is there and on the disk
//
// Each is delivered exactly once: a sender repeats a message until it hears that it was stored, so the same id comes again
// whenever an answer is lost. Accepted ids are remembered apart from the messages, and clearing a message does not forget
// its id. Nothing is answered before it is on the disk.
package inbox
