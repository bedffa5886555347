do $$
begin
    if exists (select from stocksync.counts) then
        raise exception 'there are counts'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose them. If you mean it, delete them first.';
    end if;
end
$$;
drop table stocksync.count_corrections, stocksync.counts cascade;
alter table stocksync.settings drop column late_movements_before_count cascade;
alter table stocksync._journal drop column first_at cascade;
alter table stocksync._unsettled drop column first_at cascade;
-- Deploying the older version puts back its own, with one argument.
drop function if exists stocksync._capture(stocksync._line[], timestamptz) cascade;
