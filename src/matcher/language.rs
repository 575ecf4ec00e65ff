//! Which letters follow one another in texts that people write, and which bytes are rare there. Must not know what is
//! judged by it.

/// The pairs of letters that English has most often, three quarters of all it has, and a quarter of those
/// there are.
const COMMON_PAIRS: &str = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le \
    ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr \
    ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia \
    am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov \
    by rm ep oc fa ef cu rn sc gi da yo cr cl du ga qu ue ba ey va um pp up lu go ru ug au ck ew br bi ok";

/// By its first letter, which letters make a common pair with it: a bit each.
const FOLLOWERS: [u32; 26] = {
    let (mut followers, pairs, mut at) = ([0; 26], COMMON_PAIRS.as_bytes(), 0);
    while at < pairs.len() {
        followers[(pairs[at] - b'a') as usize] |= 1 << (pairs[at + 1] - b'a');
        at += 3;
    }
    followers
};

/// Whether the letter `b` often follows the letter `a`, whatever their case.
#[inline]
pub(super) fn is_common(a: u8, b: u8) -> bool {
    let number = |letter: u8| (letter | 0x20).wrapping_sub(b'a');
    FOLLOWERS.get(usize::from(number(a))).is_some_and(|followers| number(b) < 26 && followers >> number(b) & 1 == 1)
}

/// How seldom a byte turns up in source text, roughly, in bits.
pub(super) const fn byte_rarity(byte: u8) -> u32 {
    match byte {
        b' ' | b'\n' | b'e' | b't' => 3,
        b'a' | b'o' | b'i' | b'n' | b's' | b'r' | b'\t' => 4,
        b'b'..=b'z' | b'_' | b'"' | b'.' | b',' => 5,
        b'0'..=b'9' | b'-' | b'\'' | b'(' | b')' | b'=' | b'/' | b':' => 6,
        b'A'..=b'Z' => 7,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn pairs_of_letters_are_looked_up_whatever_their_case() {
        assert!(is_common(b't', b'h') && is_common(b'T', b'h') && is_common(b'o', b'K'));
        assert!(!is_common(b'h', b't') && !is_common(b't', b'\'') && !is_common(b'3', b'h') && !is_common(b'@', b'a'));
    }
}
