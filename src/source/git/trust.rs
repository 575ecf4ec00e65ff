//! What libgit2 checks of the repositories it opens. Must not know repositories.

use std::sync::Once;

const EXTENSIONS: [&str; 5] =
    ["compatobjectformat", "partialclone", "preciousobjects", "refstorage", "relativeworktrees"];

/// Lets libgit2 open repositories that belong to another user, as those in containers often do, and read
/// objects without hashing them.
///
/// Git refuses other users' repositories because their configuration could make it run programs. We run
/// nothing that a repository configures, so there is nothing to be afraid of. That an object is whole is
/// told by the sum that its compressed data carries; that it is the one its name says is of no matter to
/// who looks at all of them, and takes longer than reading it.
///
/// Of the extensions that libgit2 does not know, some ask nothing of who only reads objects by their ids: it reads links
/// between worktrees that are relative, ids of another kind are kept beside its own, and refs in a reftable are read
/// by our own code.
pub(super) fn settle() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        git2::opts::strict_hash_verification(false);
        // SAFETY: the settings are plain globals of libgit2, which must not change while another thread
        // uses the library; this runs once, before the first repository is opened.
        #[expect(unsafe_code, reason = "libgit2's global settings can be had in no other way")]
        let set = unsafe { (git2::opts::set_verify_owner_validation(false), git2::opts::set_extensions(&EXTENSIONS)) };
        // They fail only in a libgit2 without the settings, which has no such checks either.
        drop(set);
    });
}
