do $$
begin
    if exists (select from public.stock_batches)
        or exists (select from public.products as p where p.tracks_batches)
    then
        raise exception 'there are batches'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose them. If you mean it, let no product track batches, and delete them first.';
    elsif exists (
        select from public.stock_movements as m
        where m.batch_id is not null or m.batch_number is not null or m.expiry_date is not null
    ) then
        raise exception 'movements name batches'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose what they say. If you mean it, set their batch columns to null first.';
    end if;
end
$$;
drop table public.stock_batches, public.batch_receipts, public.batch_consumptions cascade;
drop index public.products_track_batches_idx;
alter table public.products
    drop column tracks_batches cascade,
    drop column batch_strategy cascade;
update public.transaction_types set counts_as = null where counts_as = 'transfer';
alter table public.transaction_types
    drop constraint transaction_types_counts_as_known,
    add constraint transaction_types_counts_as_known check (counts_as in ('sale', 'count')),
    drop column takes_unfit cascade,
    drop column brings_back cascade;
alter table public.stock_movements
    drop column batch_id cascade,
    drop column batch_number cascade,
    drop column expiry_date cascade;
alter table stocksync.movement_history
    drop column batch_id cascade,
    drop column batch_number cascade,
    drop column expiry_date cascade;
alter table stocksync.settings drop column expired_batches cascade;
alter table stocksync.counts drop column batch_id cascade;
alter table stocksync._journal
    drop column booked_ids cascade,
    drop column unbooked_ids cascade;
alter table stocksync._unsettled
    drop column booked_ids cascade,
    drop column unbooked_ids cascade;
drop type stocksync._portion cascade;
drop type stocksync._want cascade;
drop type stocksync._receipt cascade;
drop type stocksync._batch_change cascade;
-- Deploying the older version puts back its own, with fewer arguments; beside these, a call that fits
-- both would be neither.
drop function if exists
    stocksync._capture(stocksync._line[], timestamptz, bigint[], bigint[]),
    stocksync._content_md5(
        bigint, bigint, text, numeric, numeric, text, text, text, jsonb, bigint, text, date
    ),
    stocksync.record_count(bigint, numeric, timestamptz, bigint, text, text, bigint),
    stocksync.record_movement(
        bigint, text, numeric, text, bigint, timestamptz, numeric, text, text, text, jsonb, bigint,
        text, date
    ),
    stocksync.stage_archive(text)
cascade;
comment on column public.transaction_types.counts_as is
    'What reports take it for: "sale" (sold, or brought back by a customer), "count" (the result of a physical count); null for neither.';
