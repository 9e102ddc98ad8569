-- A delivery may end without a mail because the customer wants none: the business hands the document over itself.
ALTER TABLE app.deliveries DROP CONSTRAINT deliveries_state_check;
ALTER TABLE app.deliveries DROP CONSTRAINT deliveries_check;
ALTER TABLE app.deliveries ADD CONSTRAINT deliveries_state
    CHECK (state IN ('pending', 'sending', 'sent', 'unknown', 'failed', 'not_wanted'));
ALTER TABLE app.deliveries ADD CONSTRAINT deliveries_end
    CHECK ((ended_at IS NOT NULL) = (state IN ('sent', 'unknown', 'failed', 'not_wanted')));
