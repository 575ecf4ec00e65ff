//! Whose repositories may be opened. Must not know repositories.

use std::sync::Once;

/// Lets libgit2 open repositories that belong to another user, as those in containers often do.
///
/// Git refuses them because their configuration could make it run programs. We run nothing that a
/// repository configures, so there is nothing to be afraid of.
pub(super) fn open_to_all() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the setting is a plain global of libgit2, which must not change while another thread
        // uses the library; this runs once, before the first repository is opened.
        #[expect(unsafe_code, reason = "libgit2's global settings can be had in no other way")]
        let set = unsafe { git2::opts::set_verify_owner_validation(false) };
        // It fails only in a libgit2 without the setting, which has no such check either.
        drop(set);
    });
}
