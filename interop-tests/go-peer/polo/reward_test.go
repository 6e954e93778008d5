package polo

import "testing"

func TestRewardsOfTheTable(t *testing.T) {
	for _, row := range [][4]uint64{
		{0, 0, 0, 1}, {0, 0, 60000, 2}, {0, 0, 600000, 4}, {30000, 300000, 600000, 3}, {0, 0, 1800000, 6},
		{60000, 600000, 0, 1}, {60000, 600000, 3600000, 3}, {50000, 0, 60000, 2}, {0, 600000, 86400000, 8},
		{^uint64(0), ^uint64(0), ^uint64(0), 20},
	} {
		if got := Reward(row[0], row[1], row[2]); got != row[3] {
			t.Errorf("idle %d, staged %d, cpu %d: %d in place of %d", row[0], row[1], row[2], got, row[3])
		}
	}
}
