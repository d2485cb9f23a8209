#!lua name=chatdesk
