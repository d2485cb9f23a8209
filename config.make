# Read by nginx's configure after `config`: what its own rules cannot say.
#
# Our objects hide their symbols from the start, so that calls between them
# need no indirection; nginx's own and the module's list must stay visible.

cat << END                                                    >> $NGX_MAKEFILE

$NGX_OBJS/addon/ngx_chatdesk_module/%.$ngx_objext: \\
	CFLAGS += -fvisibility=hidden

END
