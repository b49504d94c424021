package provider

import (
	"encoding/hex"
	"errors"
	"testing"
)

// TestEveryByteOfADigestCounts: a signature that is wrong in one byte only, whichever it is, does not hold.
func TestEveryByteOfADigestCounts(t *testing.T) {
	good, err := hex.DecodeString(vapiDigestOf(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append([]byte{}, good...)
		bad[i] ^= 1
		header := headers("X-Signature", hex.EncodeToString(bad), "X-Timestamp", "1700000000")
		if err := mustProvider(t, "vapi").Verify("secret", header, []byte(vapiBodyText), signedAt); !errors.Is(err, ErrSignature) {
			t.Errorf("byte %d is wrong: Verify = %v, want ErrSignature", i, err)
		}
	}
}

// vapiDigestOf is a digest that holds, or the test above would refuse for another reason.
func vapiDigestOf(t *testing.T) string {
	t.Helper()
	sum, err := vapiHMAC.sum("secret", "1700000000", []byte(vapiBodyText))
	if err != nil {
		t.Fatal(err)
	}
	header := headers("X-Signature", hex.EncodeToString(sum), "X-Timestamp", "1700000000")
	if err := mustProvider(t, "vapi").Verify("secret", header, []byte(vapiBodyText), signedAt); err != nil {
		t.Fatalf("the right digest: %v", err)
	}
	return hex.EncodeToString(sum)
}

// TestNothingIsTheSameAsNoSecret: whoever forgets to ask whether there is a secret at all still lets nobody in.
func TestNothingIsTheSameAsNoSecret(t *testing.T) {
	if same("", "") || same("a", "") || same("", "a") || same("a", "b") || !same("a", "a") {
		t.Error("same is not what it says")
	}
}
