"""The error of a program that crashed is found in what it wrote, whatever its language is."""

from __future__ import annotations

import pytest

from smtplab.worlds.crash_line import crash_line

PYTHON = """hello
Traceback (most recent call last):
  File "/home/a/client.py", line 7, in <module>
    main()
  File "/usr/lib/python3.11/socket.py", line 5, in recv
    raise
KeyError: 'code'
"""
NODE = """/home/a/client.js:14
s.on('data',()=>{greet()})
                 ^

ReferenceError: greet is not defined
    at Socket.emit (node:events:524:28)
    at Socket.<anonymous> (/home/a/client.js:14:18)
    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {
  code: 'X'
}

Node.js v20.20.2
"""
NODE_MODULE = """file:///home/a/client.mjs:3
ReferenceError: x is not defined
    at file:///home/a/client.mjs:3:1
    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)
"""
NODE_SYSTEM = """node:events:502
      throw er; // Unhandled 'error' event
      ^

Error: connect ECONNREFUSED 127.0.0.1:1
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
Emitted 'error' event on Socket instance at:
    at emitErrorNT (node:internal/streams/destroy:169:8)

Node.js v20.20.2
"""
JAVA = """Exception in thread "main" java.lang.NullPointerException: Cannot invoke "String.length()"
\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)
\tat Client.greet(Client.java:9)
\tat Client.main(Client.java:4)
"""
CSHARP = """Unhandled exception. System.NullReferenceException: Object reference not set
   at Client.Greet() in /home/a/Client.cs:line 9
   at Client.Main() in /home/a/Client.cs:line 4
"""
GO = """panic: runtime error: index out of range [3] with length 0

goroutine 1 [running]:
main.greet(...)
\t/home/a/main.go:6
main.main()
\t/home/a/main.go:11 +0x1d
exit status 2
"""
RUST = """
thread 'main' panicked at src/main.rs:4:21:
called `Option::unwrap()` on a `None` value
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
RUST_NUMBERED = RUST.replace("'main' ", "'main' (1234) ")
TCL = """can't read "nosuch": no such variable
    while executing
"puts $nosuch"
    (file "client.tcl" line 3)
"""
PHP = """PHP Fatal error:  Uncaught Error: Call to undefined function greet() in /home/a/client.php:3
Stack trace:
#0 {main}
  thrown in /home/a/client.php on line 3
"""
RUBY = """client.rb:3:in `greet': undefined local variable or method `x' for main:Object (NameError)
\tfrom client.rb:7:in `<main>'
"""
LUA = """lua: client.lua:3: attempt to call a nil value (global 'greet')
stack traceback:
\t[C]: in ?
"""
PERL = """S: 220 hello
Can't call method "greet" on an undefined value at client.pl line 12, <GEN0> line 1.
"""
BASH = "client.sh: line 3: sendd: command not found\n"
DASH = "client.sh: 3: sendd: not found\n"
PYTHON_SYNTAX = """  File "/home/a/client.py", line 2
    def f(:
          ^
SyntaxError: invalid syntax
"""
JAVA_SYNTAX = """Client.java:3: error: <identifier> expected
public class Client { void f( }
                             ^
1 error
error: compilation failed
"""
PERL_SYNTAX = """syntax error at client.pl line 3, near "= ;"
Execution of client.pl aborted due to compilation errors.
"""
PERL_MODULE = """Can't locate Nosuch.pm in @INC (you may need to install it) at client.pl line 1.
BEGIN failed--compilation aborted at client.pl line 1.
"""
BASH_SYNTAX = """client.sh: line 3: syntax error near unexpected token `)'
client.sh: line 3: `echo )'
"""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (PYTHON_SYNTAX, "SyntaxError: invalid syntax (client.py, line 2)"),
        (JAVA_SYNTAX, "<identifier> expected (Client.java, line 3)"),
        (PERL_SYNTAX, "syntax error (client.pl, line 3)"),
        (PERL_MODULE, "Can't locate Nosuch.pm in @INC (you may need to install it) (client.pl, line 1)"),
        (BASH_SYNTAX, "syntax error near unexpected token `)' (client.sh, line 3)"),
        (PYTHON, "KeyError: 'code' (client.py, line 7)"),
        (NODE, "ReferenceError: greet is not defined (client.js, line 14)"),
        (NODE_MODULE, "ReferenceError: x is not defined (client.mjs, line 3)"),
        (NODE_SYSTEM, "Error: connect ECONNREFUSED 127.0.0.1:1"),
        (JAVA, 'java.lang.NullPointerException: Cannot invoke "String.length()" (Client.java, line 9)'),
        (CSHARP, "System.NullReferenceException: Object reference not set (Client.cs, line 9)"),
        (GO, "panic: runtime error: index out of range [3] with length 0 (main.go, line 6)"),
        (RUST, "called `Option::unwrap()` on a `None` value (main.rs, line 4)"),
        (RUST_NUMBERED, "called `Option::unwrap()` on a `None` value (main.rs, line 4)"),
        (TCL, 'can\'t read "nosuch": no such variable (client.tcl, line 3)'),
        (PHP, "Uncaught Error: Call to undefined function greet() (client.php, line 3)"),
        (RUBY, "undefined local variable or method `x' for main:Object (NameError) (client.rb, line 3)"),
        (LUA, "attempt to call a nil value (global 'greet') (client.lua, line 3)"),
        (PERL, 'Can\'t call method "greet" on an undefined value (client.pl, line 12)'),
        (BASH, "sendd: command not found (client.sh, line 3)"),
        (DASH, "sendd: not found (client.sh, line 3)"),
        ("Unhandled: something new\nand why", "and why"),
    ],
)
def test_the_error_is_told_with_its_place_in_the_program(text: str, error: str) -> None:
    assert crash_line(text) == error


@pytest.mark.parametrize(
    "text",
    [
        "",
        "refused: 550: no such mailbox",
        "S: 550 no such mailbox\nrefused",
        "Error: the server answered 550",
        "client: 452: the disk is full",
        "gave up at RCPT, line 3 of the session",
    ],
)
def test_a_refusal_that_is_reported_is_no_crash(text: str) -> None:
    assert crash_line(text) == ""
