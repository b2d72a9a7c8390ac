SELECT u."id", u."password", u."last_login", u."is_superuser", u."username", u."first_name", u."last_name", u."email",
  u."is_staff", u."is_active", u."date_joined",
  (SELECT group_concat(length(CAST(n AS BLOB)) || ':' || n, '')
    FROM (SELECT ct.app_label || '.' || p.codename AS n
      FROM (SELECT up.permission_id FROM "auth_user_user_permissions" up WHERE up."user_id" = u."id") i
      CROSS JOIN auth_permission p ON p.id = i.permission_id
      CROSS JOIN django_content_type ct ON ct.id = p.content_type_id) names),
  (SELECT group_concat(length(CAST(n AS BLOB)) || ':' || n, '')
    FROM (SELECT ct.app_label || '.' || p.codename AS n
      FROM (SELECT DISTINCT gp.permission_id FROM "auth_user_groups" ug CROSS JOIN auth_group_permissions gp ON gp.group_id = ug.group_id WHERE ug."user_id" = u."id") i
      CROSS JOIN auth_permission p ON p.id = i.permission_id
      CROSS JOIN django_content_type ct ON ct.id = p.content_type_id) names)
  FROM "auth_user" u WHERE u."id" = ?1
