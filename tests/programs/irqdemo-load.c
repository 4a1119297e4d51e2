// SPDX-License-Identifier: GPL-2.0
/*
 * irqdemo-load N: N processes that send themselves datagrams for ever. Receiving
 * one is softirq work, on the CPU that sends. Ends when it is killed.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void datagrams(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t size = sizeof(to);
	char data[512] = "";

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)&to, sizeof(to)) ||
	    getsockname(fd, (void *)&to, &size))
		_exit(1);
	while (sendto(fd, data, sizeof(data), 0, (void *)&to, sizeof(to)) > 0)
		if (recv(fd, data, sizeof(data), MSG_DONTWAIT) < 0)
			continue;
	_exit(1);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;

	while (n-- > 0) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		datagrams();
	}
	while (wait(NULL) > 0)
		;
	return 1;
}
