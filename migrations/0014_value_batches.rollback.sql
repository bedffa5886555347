update public.transaction_types set counts_as = null where counts_as = 'transfer';
alter table public.transaction_types
    drop constraint transaction_types_counts_as_known,
    add constraint transaction_types_counts_as_known check (counts_as in ('sale', 'count'));
comment on column public.transaction_types.counts_as is
    'What reports take it for: "sale" (sold, or brought back by a customer), "count" (the result of a physical count); null for neither.';
alter table public.batch_receipts drop column transaction_type cascade;
