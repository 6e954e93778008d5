// Package task is what two agents say to each other about tasks, on port 1003: who submits one is the requester, who is to
// do it is the worker.
//
//	requester                                        worker
//	  {submit {task, body}} ─────────────────────────►  on the disk
//	  ◄───────────────────────────── {status report}
//	                                   … later, on a stream of the worker's own …
//	  ◄────────────── {report {task, seq, state, …}}
//	  {taken} ───────────────────────────────────────►
//	  ◄──────── {report {…, state 4, output, claim}}
//	  result, state and receipt on the disk
//	  {receipt} ─────────────────────────────────────►  on the disk
//
// Every request is repeated until it is answered, and a repeat is answered as the first one was. The two machines, [Work] at
// the worker and [Order] at the requester, have neither a clock nor a disk: events and times come in, and what follows comes
// out.
package task
