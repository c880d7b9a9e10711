-- Invitations that another system sent, as its files tell: nothing is left to send, and no token of ours leads anywhere.

set local role roosevelt_owner;

alter table survey.invitations drop constraint invitations_channel_check;
alter table survey.invitations
add constraint invitations_channel_check check (channel in ('slack', 'email', 'other'));
