-- The report of value asks what came in for which reason, also of movements that are archived.
-- depends: 0013_warn_of_expiry

alter table public.batch_receipts add column transaction_type text;

comment on column public.batch_receipts.transaction_type is
    'Why; null for what was there before the product tracked batches.';

-- A handful of rows, and the new check allows what the old one did.
alter table public.transaction_types
    -- squawk-ignore ban-drop-constraint
    drop constraint transaction_types_counts_as_known,
    -- squawk-ignore constraint-missing-not-valid
    add constraint transaction_types_counts_as_known
        check (counts_as in ('sale', 'count', 'transfer'));

comment on column public.transaction_types.counts_as is
    'What reports take it for: "sale" (sold, or brought back by a customer), "count" (the result of a physical count), "transfer" (to or from another place of the shop: neither cost nor income); null for none of them.';

update public.transaction_types
set counts_as = 'transfer'
where name in ('transfer_in', 'transfer_out') and counts_as is null;
