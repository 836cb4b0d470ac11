"""Start the SMTP kernel as Jupyter does: ``python -m smtplab.jupyter -f CONNECTION_FILE``."""

import logging

from ipykernel.kernelapp import IPKernelApp

from .kernel import SMTPKernel


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    """Return False for the warning of eavesdropping: the kernel talks to a program on this machine alone."""
    return "eavesdropping" not in record.getMessage()


logging.getLogger(IPKernelApp.__name__).addFilter(_is_no_false_alarm)
IPKernelApp.launch_instance(kernel_class=SMTPKernel)
