# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2207	# words without blanks
#
# Completion of eduscope for bash.
_eduscope() {
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} i
	local probes='switch wakeup fault lifecycle slab fs irq softirq work signal syscall'
	local options=''

	# behind -- it is another command's turn
	for ((i = 2; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" != -- ] || {
			COMPREPLY=($(compgen -c -- "$word"))
			return
		}
	done
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "$probes compare doctor record sched status top --help --version" -- "$word"))
		return
	fi
	case $last in
	-p | --pid | -t | --tid)
		COMPREPLY=($(cd /proc && compgen -d -X '![0-9]*' -- "$word"))
		return
		;;
	-c | --cgroup)
		COMPREPLY=($(compgen -d -- "${word:-/sys/fs/cgroup/}"))
		return
		;;
	--html | -o | --output)
		COMPREPLY=($(compgen -f -- "$word"))
		return
		;;
	--side)
		[ "${COMP_WORDS[1]}" = compare ] ||
			COMPREPLY=($(compgen -W 'kernel edu both' -- "$word"))
		return
		;;
	-b | -d | -i | -n | --buffer | --duration | --interval | --runs) return ;;
	esac
	case ${COMP_WORDS[1]} in
	compare)
		options="--runs --side --html --icount --json --list --help $(eduscope compare --list 2>/dev/null | cut -d' ' -f1)"
		;;
	doctor | status) options='--json --help' ;;
	record) options='--output --duration --buffer --json --help --' ;;
	sched) options='start stop run show set tune --partial --policy --prio --runtime --deadline --period --reset-on-fork --json --help --' ;;
	top) options='--interval --duration --help' ;;
	fs) options='journal' ;;&
	*) options+=' --pid --tid --cgroup --duration --interval --side --events --json --all --folded --cost --pin --help --' ;;
	esac
	COMPREPLY=($(compgen -W "$options" -- "$word"))
}
complete -F _eduscope eduscope
