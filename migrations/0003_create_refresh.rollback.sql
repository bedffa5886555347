do $$
begin
    raise exception 'migration 0003 cannot be rolled back'
        using errcode = 'feature_not_supported',
              detail = 'Changes of stock that wait for a busy product would be lost.',
              hint = 'Restore the dump that was made before.';
end
$$;
