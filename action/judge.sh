#!/usr/bin/env bash
# The last step of the action: whether the job fails. The scan has been told and uploaded by now.
#
# Reads EXIT_CODE, empty where the scan did not come to an end, and INPUT_FAIL_ON.
set -euo pipefail

case "${EXIT_CODE:-}:${INPUT_FAIL_ON:-incomplete}" in
    *:findings | *:incomplete | *:never) ;;
    *)
        echo "::error title=keylint::fail-on is findings, incomplete or never, not ${INPUT_FAIL_ON}"
        exit 2
        ;;
esac
case "${EXIT_CODE:-}:${INPUT_FAIL_ON:-incomplete}" in
    0:*) ;;
    # What could not be done is never passed over.
    1:never | 3:never | 3:findings) echo "keylint ended with ${EXIT_CODE}, which does not fail this job" ;;
    1:*)
        echo "keys were found; the step before this one and the summary tell which"
        exit 1
        ;;
    3:*)
        echo "something could not be read; the step before this one and the summary tell what"
        exit 3
        ;;
    *)
        echo "the scan could not be done; the step before this one tells why"
        exit 2
        ;;
esac
