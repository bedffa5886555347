drop table stocksync.api_items;
drop table stocksync.api_readings;
