package id_test

import (
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

func TestACleanTextIsOneLineOfWhatIsSeen(t *testing.T) {
	for text, clean := range map[string]string{
		"grüße, 山 👋":                               "grüße, 山 👋",
		"a\r\nb\tc\u2028d":                         "a b c d",
		"\x1b[2Jok\a\x00\u009b":                    "[2Jok",
		"a\u202efdp\u200b.exe\ufeff":               "afdp.exe",
		"hi\U000E0064\U000E006F":                   "hi",
		"x\U000E0101\U000E01EF\ufe0f\u200d\u3164y": "xy",
	} {
		if got := id.Clean(text); got != clean {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

func TestTagsAreShortWords(t *testing.T) {
	for text, good := range map[string]bool{
		"ocr": true, "a-1": true, "": false, "-a": false, "a-": false, "Ocr": false, "a b": false,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": true, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": false,
	} {
		if _, err := id.ParseTag(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
