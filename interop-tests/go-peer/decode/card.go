package decode

import (
	"fmt"
	"unicode/utf8"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
)

func cardDecoders() map[string]Decoder {
	return map[string]Decoder{
		"card":         cardBytes,
		"card_payload": Sealed("airway-card-v1", cardBytes),
		"card_text":    cardText,
	}
}

func cardBytes(input []byte) ([]byte, error) {
	c, err := card.FromBytes(input)
	if err != nil {
		return nil, err
	}
	return describe(c), nil
}

func cardText(input []byte) ([]byte, error) {
	if !utf8.Valid(input) {
		return nil, ErrNotText
	}
	c, err := card.Parse(string(input))
	if err != nil {
		return nil, err
	}
	return describe(c), nil
}

// describe is whose card it is.
func describe(c *card.Card) []byte {
	return fmt.Appendf(nil, "%s %s %s %s", c.PeerID(), c.Endpoint(), c.Name(), c)
}
