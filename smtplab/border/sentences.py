"""The error sentences of the border, and what it says about the level that holds on a machine."""

# Why nothing can be run
NO_FORK = (
    "Submissions are run in processes that are made by fork, and Windows has no fork. Grade in WSL (Windows Subsystem "
    "for Linux), or on a machine with Linux."
)
NOT_CROSSED = (
    "The process for a submission could not be closed off ({reason}), so nothing of the submission was run. Run it "
    "again; if that fails as well, look if the machine lacks memory or allows too few namespaces."
)
NO_LEVEL = "Not even a process with limits can be started here: {reason}."

# What holds, by level: the first line of a run and of its report
NAMESPACES = (
    "Border: namespaces. A submission sees Python and one empty folder. It sees no other file, no other process and no "
    "network, and nothing that it starts outlives it."
)
LANDLOCK = (
    "Border: Landlock without namespaces. A submission can read Python and the system's programs, and can write to one "
    "folder. It can still see which processes run. {network} {way_out}"
)
USER = (
    "Border: another user id without namespaces and Landlock. A submission can read what every user of this machine "
    "can read, and can use the network. Close the course folder to others: chmod -R go-rwx FOLDER. {way_out}"
)
NONE = (
    "There is no border here. A submission can read, change and send whatever you can; only time, memory and output "
    "are limited. Grade only work that you trust. {way_out}"
)

# What completes these sentences
SECOND_LAYER = "Behind it, as a second layer: {layers}."
NO_LANDLOCK = "This machine's Linux has no Landlock."
SAME_USER = "It keeps your user id, because another one could not read Python in {prefix}."
NETWORK_IS_CLOSED = "It has no network over TCP."
NETWORK_IS_OPEN = "It can use the network."
WAY_OUT_LINUX = (
    "Namespaces failed here: {reason}. To get them, run as root outside a container, or set user.max_user_namespaces "
    "above 0 (on Ubuntu, kernel.apparmor_restrict_unprivileged_userns to 0)."
)
WAY_OUT_ELSEWHERE = "A border needs Linux: grade on a machine with Linux, or in a virtual machine with Linux."
