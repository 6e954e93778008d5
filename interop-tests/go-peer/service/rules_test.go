package service

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/protocol"
)

func TestAPathGivesItsLastComponent(t *testing.T) {
	cases := map[string]FileName{
		"/tmp/report.pdf":              "report.pdf",
		"dir/.bashrc":                  "_bashrc",
		"a\nb":                         "a_b",
		"..":                           "_",
		".":                            "_",
		"":                             "_",
		"/":                            "_",
		"a/":                           "a",
		"a/./":                         "a",
		"a/.":                          "a",
		"a/..":                         "_",
		"grüße 山.txt":                  "grüße 山.txt",
		"a\u202eb\\c":                  "a_b_c",
		"\xe5\xb1x\xffy":               "\ufffdx\ufffdy",
		"\xf0\x80z":                    "\ufffd\ufffdz",
		strings.Repeat("ü", 300):       FileName(strings.Repeat("ü", 100)),
		"x" + strings.Repeat("ü", 300): FileName("x" + strings.Repeat("ü", 99)),
	}
	for path, want := range cases {
		name := FileNameOf(path)
		if name != want {
			t.Errorf("%q gives %q, not %q", path, name, want)
		}
		if _, err := ParseFileName(string(name)); err != nil {
			t.Errorf("%q may not be sent: %v", name, err)
		}
	}
}

func TestJSONIsExactlyOneValue(t *testing.T) {
	texts := []string{
		"null", " {\"a\": [1, 2.5e3]} ", `"x"`, "true", "false", "-0", "0", "1E-9", "[]", "{}", "[[],{}]", `{"":0}`,
		`"\u00e9\ud800\n"`, "\t[ ]\r\n", `[{"a":[{}]},2]`,
		"", " ", "{} {}", `{"a":}`, "[1,]", "{,}", `{"a":1,}`, "NaN", "01", "1.", ".5", "-", "+1", "1e", "1e+", "tru",
		"nulll", `"`, `"\x"`, `"\u12g4"`, "\"\n\"", "[", "]", "{", "}", "[}", `{"a"}`, `{a:1}`, "[1 2]", "[1,,2]", "'a'",
		`"\`, `"\u12`, "1 a", "\ufeff1",
	}
	for _, text := range texts {
		if got, want := validJSON([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%q: %v, and encoding/json says %v", text, got, want)
		}
	}
	deep := strings.Repeat("[", MaxPayload/2) + strings.Repeat("]", MaxPayload/2)
	if !validJSON([]byte(deep)) {
		t.Error("deep nesting is refused")
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{"null", `{"a":[1,2.5e3,"\u00e9"]}`, "[1,]", "-", `"\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 9_000 && validJSON(b) != json.Valid(b) {
			t.Errorf("%q", b)
		}
	})
}

func TestMessageIDsAreVersion7(t *testing.T) {
	id, err := NewMessageID()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{id.String(), strings.ToUpper(id.String())} {
		if back, err := ParseMessageID(text); err != nil || back != id {
			t.Errorf("%s: %v, %v", text, back, err)
		}
	}
	if _, err := MessageIDOf(make([]byte, 16)); err == nil {
		t.Error("an id of zeros")
	}
	text := id.String()
	for _, other := range []string{
		"", text[1:], strings.ReplaceAll(text, "-", ""), "{" + text + "}", "936da01f-9abd-4d9d-80c7-02af85c822a8",
	} {
		if _, err := ParseMessageID(other); err == nil {
			t.Errorf("%q is an id", other)
		}
	}
}

func TestAProtocolThatNoPortHasIsNone(t *testing.T) {
	for _, other := range []string{
		"/airway/port/7/1.0.0", "/airway/port/1003/1.0.0", "/airway/port/0/1.0.0", "/airway/port/080/1.0.0",
		"/airway/port/65536/1.0.0", "/airway/port//1.0.0", "/airway/port/80/1.0.1", "/airway/port/80/1.0.0/",
		"/airway/port/80", "/airway/files/1.0.0", "/airway/perf/1.0.0", "/", "",
	} {
		if port, ok := PortOfProtocol(protocol.ID(other)); ok {
			t.Errorf("%s is port %d", other, port)
		}
	}
}
