#!/bin/sh
# An OCI runtime in front of runc. Without CAP_SYS_RESOURCE the kernel refuses a negative oom_score_adj, and runc
# then ends with "can't get final child's PID from pipe: EOF". Kubernetes' sandbox containers ask for one.
bundle=.
previous=
for argument in "$@"; do
    case "$previous" in --bundle | -b) bundle=$argument ;; esac
    case "$argument" in --bundle=*) bundle=${argument#--bundle=} ;; esac
    previous=$argument
done
if [ -w "$bundle/config.json" ]; then
    sed -i 's/"oomScoreAdj": *-[0-9][0-9]*/"oomScoreAdj":0/' "$bundle/config.json"
fi
exec runc "$@"
