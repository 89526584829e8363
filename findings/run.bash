#!/usr/bin/env bash
# Runs every finding and prints a summary: one line each, and the output of failures. `make findings`
set -u
cd "$(dirname "$(realpath "$0")")"
held=0 failed=()
for finding in *.sh; do
  start=$SECONDS
  if output=$(timeout 300 bash "$finding" 2>&1); then
    held=$((held + 1))
    printf '%-44s as recorded  %3d s\n' "$finding" $((SECONDS - start))
  else
    case $? in
      1) verdict=changed ;;
      *) verdict='not run' ;;
    esac
    failed+=("$finding")
    printf '%-44s %-11s  %3d s\n%s\n' "$finding" "$verdict" $((SECONDS - start)) "$output"
  fi
done
echo "$held of $((held + ${#failed[@]})) findings as recorded${failed[*]:+; look at: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
