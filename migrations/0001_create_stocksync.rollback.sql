do $$
begin
    raise exception 'migration 0001 cannot be rolled back'
        using errcode = 'feature_not_supported',
              detail = 'The record of migrations itself is in schema "stocksync".',
              hint = 'To remove stocksync altogether: drop schema stocksync cascade.';
end
$$;
