/* The mail about a job (backup.md 1): its log, sent by the host's sendmail. */
#pragma once

#include "ct/backupjob.h"

/* Keep what is logged from now on, if a mail is wanted. */
int backup_mail_begin(struct backup_job *job, struct error *err);

/* Send it to the addresses of mailto, unless it is wanted of failures only. A failure to
 * send is a warning. */
void backup_mail_send(const struct backup_job *job, bool succeeded);

/* The message: headers, an empty line, the log. Pure. */
void backup_mail_format(const char *addresses, const char *node, bool succeeded,
			struct slice log, struct strbuf *out);
