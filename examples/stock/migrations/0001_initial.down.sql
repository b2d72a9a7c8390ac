DROP TABLE stock_token;
DROP TABLE stock_item;
