package control

// dataVerbs are those about messages and files.
func dataVerbs() map[string]Verb { return nil }
