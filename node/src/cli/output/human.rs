//! Times and sizes as people say them.

use std::time::Duration;

use jiff::Timestamp;

use super::View;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long ago: `3 min ago`. A moment that has not come yet is just now: clocks differ.
pub(in crate::cli) fn ago(millis: i64, view: &View) -> String {
    let seconds = view.now.as_millisecond().saturating_sub(millis) / 1000;
    match u64::try_from(seconds) {
        Ok(seconds) if seconds >= 2 => format!("{} ago", largest(seconds)),
        _ => "just now".into(),
    }
}

/// The moment itself, in local time.
pub(in crate::cli) fn local(millis: i64, view: &View) -> String {
    match Timestamp::from_millisecond(millis) {
        Ok(moment) => moment.to_zoned(view.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => "at no time".into(),
    }
}

/// The two largest units: `3 h 12 min`.
pub(in crate::cli) fn duration(seconds: u64) -> String {
    let rest = match seconds {
        DAY.. => seconds % DAY / HOUR * HOUR,
        HOUR.. => seconds % HOUR / MINUTE * MINUTE,
        MINUTE.. => seconds % MINUTE,
        _ => 0,
    };
    if rest == 0 { largest(seconds) } else { format!("{} {}", largest(seconds), largest(rest)) }
}

/// The largest unit alone.
fn largest(seconds: u64) -> String {
    match seconds {
        DAY.. => {
            let days = seconds / DAY;
            format!("{days} day{}", if days == 1 { "" } else { "s" })
        }
        HOUR.. => format!("{} h", seconds / HOUR),
        MINUTE.. => format!("{} min", seconds / MINUTE),
        _ => format!("{seconds} s"),
    }
}

/// Bytes: `1.5 KiB`.
pub(in crate::cli) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // In tenths, rounded, so that 1023.96 KiB is 1.0 MiB.
    let mut shift = 10;
    let tenths = |shift: u32| (u128::from(bytes) * 10 + (1 << (shift - 1))) >> shift;
    let mut unit = 0;
    while tenths(shift) >= 10_240 && unit + 1 < UNITS.len() {
        shift += 10;
        unit += 1;
    }
    format!("{}.{} {}", tenths(shift) / 10, tenths(shift) % 10, UNITS[unit])
}

/// A round trip: `0.412 ms`.
pub(in crate::cli) fn micros(micros: u64) -> String {
    let duration = Duration::from_micros(micros);
    format!("{}.{:03} ms", duration.as_millis(), duration.subsec_micros() % 1000)
}

/// Marks what went well. Colour goes only to a terminal: the writer takes it away elsewhere.
pub(in crate::cli) fn good(text: &str) -> String {
    styled(anstyle::AnsiColor::Green.on_default(), text)
}

/// Sets what matters less apart.
pub(in crate::cli) fn dim(text: &str) -> String {
    styled(anstyle::Style::new().dimmed(), text)
}

fn styled(style: anstyle::Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::*;

    fn view() -> View {
        let now = Timestamp::from_second(1_000_000).unwrap();
        View { now, zone: TimeZone::fixed(offset(2)), terminal: false }
    }

    #[test]
    fn relative_times_name_one_unit() {
        let told = |seconds: i64| ago((1_000_000 - seconds) * 1000, &view());
        assert_eq!(told(-5), "just now");
        assert_eq!(told(1), "just now");
        assert_eq!(told(59), "59 s ago");
        assert_eq!(told(200), "3 min ago");
        assert_eq!(told(7200), "2 h ago");
        assert_eq!(told(90_000), "1 day ago");
        assert_eq!(told(200_000), "2 days ago");
        assert_eq!(ago(i64::MIN, &view()), ago(i64::MIN, &view()));
    }

    #[test]
    fn timestamps_are_local() {
        assert_eq!(local(0, &view()), "1970-01-01 02:00:00");
        assert_eq!(local(i64::MAX, &view()), "at no time");
    }

    #[test]
    fn durations_name_two_units() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(61), "1 min 1 s");
        assert_eq!(duration(3 * HOUR + 12 * MINUTE + 5), "3 h 12 min");
        assert_eq!(duration(DAY + 5), "1 day");
        assert_eq!(duration(2 * DAY + 3 * HOUR), "2 days 3 h");
    }

    #[test]
    fn sizes_are_in_powers_of_1024() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size((1 << 20) - 1), "1.0 MiB");
        assert_eq!(size(5 << 30), "5.0 GiB");
        assert_eq!(size(u64::MAX), "16777216.0 TiB");
    }

    #[test]
    fn round_trips_are_in_milliseconds() {
        assert_eq!(micros(412), "0.412 ms");
        assert_eq!(micros(12_003_004), "12003.004 ms");
    }
}
