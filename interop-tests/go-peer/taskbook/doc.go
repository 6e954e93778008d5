// Package taskbook keeps the tasks of an agent, those that it has given to others and those that others have given to it, and
// its receipts.
//
//	HOME/tasks.log   a record for each change: all that it changes is there, or nothing
//	HOME/tasks/ID    a copy of a file that goes with a task, until that is settled
//
// A change decides and is made while nobody else makes one, and is on the disk before anybody sees it.
package taskbook
