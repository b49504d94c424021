-- +goose Up
-- The language of clients who have none of their own.
ALTER TABLE agencies ADD COLUMN locale TEXT NOT NULL DEFAULT '';
