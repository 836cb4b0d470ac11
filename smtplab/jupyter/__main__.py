"""Start the SMTP kernel: ``python -m smtplab.jupyter -f CONNECTION_FILE``, as Jupyter does it."""

from ipykernel.kernelapp import IPKernelApp

from .kernel import SMTPKernel

IPKernelApp.launch_instance(kernel_class=SMTPKernel)
