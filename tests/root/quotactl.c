/* quotactl NAME: does quotactl(2) find a file system on the device of that name? */
#include <stdio.h>
#include <sys/quota.h>

int main(int argc, char **argv)
{
	if (argc == 2 && quotactl(QCMD(Q_SYNC, USRQUOTA), argv[1], 0, NULL) == 0)
		return 0;
	perror("quotactl");
	return 1;
}
