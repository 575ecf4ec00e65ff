//! How often bytes stand side by side in what people keep in repositories. Must not know what is judged by it.
//!
//! `pairs.bin` was counted by `bench/pairs.py` in equal shares of eight public repositories (gin, flask, redis,
//! spring-petclinic, rails, cargo, Flowise, ai-chatbot): C, Go, Java, Python, Ruby, Rust, TypeScript, and what lies beside it.

use super::byteset::ByteSet;

/// How many bytes are told apart: those beyond ASCII are not.
const BYTES: usize = 128;
/// The share of each byte, then row by row of those that follow it: how many quarters of a bit it is rare.
const QUARTERS: &[u8; BYTES * (BYTES + 1)] = include_bytes!("pairs.bin");

/// By quarters of a bit, the share that they stand for.
const SHARES: [f64; 256] = {
    // 2 to the power of 0, -1/4, -1/2 and -3/4.
    const FIRST: [f64; 4] = [1.0, 0.840_896_415_253_714_6, std::f64::consts::FRAC_1_SQRT_2, 0.594_603_557_501_360_5];
    let (mut shares, mut nth) = ([0.0; 256], 0);
    while nth < 256 {
        shares[nth] = if nth < 4 { FIRST[nth] } else { shares[nth - 4] / 2.0 };
        nth += 1;
    }
    shares
};

/// The share of `byte` in a text.
pub(super) fn share(byte: u8) -> f64 {
    SHARES[usize::from(QUARTERS[row(byte)])]
}

/// The share of places where `first` stands before `second`.
pub(super) fn share_of_pair(first: u8, second: u8) -> f64 {
    SHARES[usize::from(QUARTERS[BYTES * (row(first) + 1) + row(second)])]
}

/// The share of places where such bytes stand side by side, one of each set, as far as pairs tell.
pub(super) fn share_of_letters(letters: &[&ByteSet]) -> f64 {
    let Some((first, rest)) = letters.split_first() else { return 1.0 };
    // By the last byte so far.
    let mut shares: Vec<(u8, f64)> = first.bytes().map(|byte| (byte, share(byte))).collect();
    for letter in rest {
        let led_to = |next: u8| shares.iter().map(|(byte, led)| led * share_of_pair(*byte, next) / share(*byte)).sum();
        shares = letter.bytes().map(|next| (next, led_to(next))).collect();
    }
    shares.into_iter().map(|(_, share)| share).sum()
}

fn row(byte: u8) -> usize {
    usize::from(byte).min(BYTES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_parts_of_a_whole() {
        let whole: f64 = (0..128).map(share).sum();
        let pairs: f64 = (0..128).flat_map(|a| (0..128).map(move |b| share_of_pair(a, b))).sum();
        assert!((0.95..1.05).contains(&whole) && (0.95..1.05).contains(&pairs), "{whole} {pairs}");
        for byte in 0..128 {
            let followed: f64 = (0..128).map(|next| share_of_pair(byte, next)).sum();
            assert!((0.8..1.2).contains(&(followed / share(byte))), "{byte}");
        }
    }

    #[test]
    fn what_people_write_is_told_from_what_they_do_not() {
        let of = |text: &str| {
            let letters: Vec<_> = text.bytes().map(ByteSet::single).collect();
            share_of_letters(&letters.iter().collect::<Vec<_>>())
        };
        assert!(of("the") > 100.0 * of("thq") && of("thq") > 0.0);
        assert!(of("qu") > 10.0 * of("uq"));
        assert!(of("import") < of("imp"));
        let either = [ByteSet::single(b't').with(b'T', b'T'), ByteSet::single(b'o')];
        let sum = of("to") + of("To");
        assert!((share_of_letters(&either.iter().collect::<Vec<_>>()) - sum).abs() < sum / 1000.0);
        assert!(share_of_letters(&[&ByteSet::single(0xc3)]) > 0.0);
    }
}
