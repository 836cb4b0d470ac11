"""What an instructor and a student get from a graded class: tables, files for platforms, and pages.

Everything here is made from a `Report`, which is what ``report.json`` holds. Nothing here runs a student's work.
"""
