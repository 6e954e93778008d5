// Package polo is what an agent has earned: claims, receipts and their chains, and the scores that follow from them.
//
//	claim     the worker signs what it did, and how long it took
//	receipt   the requester signs the claim, what it grants of it, and its place in the chain of the two
//	chain     the receipts of one requester and one worker, numbered from 1, each with the hash of the one before
//	head      an agent signs where its chains end
//	export    a head and receipts in a file: whoever has it can check all of it, and nobody has to be asked
package polo
