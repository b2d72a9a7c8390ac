SELECT u."id", u."password", u."last_login", u."is_superuser", u."username", u."first_name", u."last_name", u."email",
  u."is_staff", u."is_active", u."date_joined",
  (SELECT string_agg(octet_length(n) || ':' || n, '')
    FROM (SELECT ct.app_label || '.' || p.codename AS n FROM auth_permission p
      JOIN django_content_type ct ON ct.id = p.content_type_id
      WHERE p.id = ANY (ARRAY(SELECT up.permission_id FROM "auth_user_user_permissions" up WHERE up."user_id" = u."id"))) names),
  (SELECT string_agg(octet_length(n) || ':' || n, '')
    FROM (SELECT ct.app_label || '.' || p.codename AS n FROM auth_permission p
      JOIN django_content_type ct ON ct.id = p.content_type_id
      WHERE p.id = ANY (ARRAY(SELECT DISTINCT gp.permission_id FROM "auth_user_groups" ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id WHERE ug."user_id" = u."id"))) names)
  FROM "auth_user" u WHERE u."id" = CAST($1 AS bigint)
