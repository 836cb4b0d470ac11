"""Start the SMTP kernel as Jupyter does: ``python -m smtplab.jupyter -f CONNECTION_FILE``."""

from ipykernel.kernelapp import IPKernelApp

from .kernel import SMTPKernel

IPKernelApp.launch_instance(kernel_class=SMTPKernel)
