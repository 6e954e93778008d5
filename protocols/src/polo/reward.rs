//! What work is worth, in integers alone, so that every implementation agrees bit for bit.

/// One, with 32 bits behind the point.
const ONE: u64 = 1 << 32;

/// Milliseconds before acceptance, and at the head of the queue, beyond which waiting costs no more.
const IDLE_MOST: u64 = 60_000;
const STAGED_MOST: u64 = 600_000;

/// Milliseconds of work that double the reward's base.
const MINUTE: u64 = 60_000;

/// The reward for a success, from three durations in milliseconds: until it was accepted, at the head of the queue, and
/// at work. At least 1.
///
/// `(1 + log2(1 + cpu minutes)) · (1 − 0.3·min(idle/60 s, 1) − 0.3·min(staged/600 s, 1))`, rounded half up. Computed with
/// 32 bits behind the point, every step rounded down.
///
/// ```
/// use airway_protocols::polo::reward;
///
/// assert_eq!(reward(0, 0, 0), 1);
/// assert_eq!(reward(0, 0, 600_000), 4); // ten minutes of work, at once
/// assert_eq!(reward(30_000, 300_000, 600_000), 3); // the same after a while
/// ```
#[must_use]
pub fn reward(idle_ms: u64, staged_ms: u64, cpu_ms: u64) -> u64 {
    let idle = idle_ms.min(IDLE_MOST) * 3 * ONE / (10 * IDLE_MOST);
    let staged = staged_ms.min(STAGED_MOST) * 3 * ONE / (10 * STAGED_MOST);
    let efficiency = ONE - idle - staged;
    let base = ONE + log2(MINUTE.saturating_add(cpu_ms), MINUTE);
    // Below 2^38 times at most 2^32.
    let product = (u128::from(base) * u128::from(efficiency)) >> 32;
    let rounded = (product + u128::from(ONE / 2)) >> 32;
    u64::try_from(rounded).unwrap_or(u64::MAX).max(1)
}

/// The logarithm of `above / below`, which is 1 or more, with 32 bits behind the point.
fn log2(above: u64, below: u64) -> u64 {
    let (above, mut below) = (u128::from(above), u128::from(below));
    let mut whole = 0;
    while above >= below * 2 {
        below *= 2;
        whole += 1;
    }
    // In [1, 2) with 62 bits behind the point, squared once for each bit.
    let mut ratio = (above << 62) / below;
    let mut bits = 0;
    for _ in 0..32 {
        ratio = (ratio * ratio) >> 62;
        bits <<= 1;
        if ratio >= 2 << 62 {
            ratio >>= 1;
            bits |= 1;
        }
    }
    (whole << 32) | bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same in floating point.
    fn real(idle: u64, staged: u64, cpu: u64) -> f64 {
        let lost = |ms: u64, most: f64| (ms as f64 / most).min(1.0) * 0.3;
        (1.0 + (1.0 + cpu as f64 / 60_000.0).log2()) * (1.0 - lost(idle, 60_000.0) - lost(staged, 600_000.0))
    }

    proptest! {
        #[test]
        fn integers_and_floats_agree(idle in 0..90_000_u64, staged in 0..900_000_u64, cpu in 0..2_500_000_000_u64) {
            let real = real(idle, staged, cpu);
            let found = reward(idle, staged, cpu) as f64;
            // Exactly between two, either may be taken.
            prop_assert!((found - real.max(1.0)).abs() <= 0.5 + 1e-6, "{found} for {real}");
        }

        #[test]
        fn waiting_never_pays_and_work_never_costs(
            (idle, staged, cpu) in (0..90_000_u64, 0..900_000_u64, 0..100_000_000_u64), more in 0..100_000_u64,
        ) {
            let as_it_was = reward(idle, staged, cpu);
            prop_assert!(reward(idle + more, staged, cpu) <= as_it_was);
            prop_assert!(reward(idle, staged + more, cpu) <= as_it_was);
            prop_assert!(reward(idle, staged, cpu + more) >= as_it_was);
        }

        #[test]
        fn any_times_have_a_reward((idle, staged, cpu) in any::<(u64, u64, u64)>()) {
            prop_assert!((1..=64).contains(&reward(idle, staged, cpu)));
        }
    }

    #[test]
    fn known_rewards() {
        let table = [
            (0, 0, 0, 1),
            (0, 0, 60_000, 2),
            (0, 0, 600_000, 4),
            (30_000, 300_000, 600_000, 3),
            (0, 0, 1_800_000, 6),
            (60_000, 600_000, 0, 1),
            (60_000, 600_000, 3_600_000, 3),
            (50_000, 0, 60_000, 2),
            (0, 600_000, 86_400_000, 8),
            (u64::MAX, u64::MAX, u64::MAX, 20),
        ];
        for (idle, staged, cpu, expected) in table {
            assert_eq!(reward(idle, staged, cpu), expected, "{idle}, {staged}, {cpu}");
        }
    }
}
